"""Reading ahead: what a kernel says here becomes one instruction of the processor in machine code."""

from functools import cache
from typing import Any

from crosslift.stats.arrays import IntArray

PREFETCH_AHEAD = 12
"""Occurrences: the distance STACK 1 was measured with."""


def prefetch(array: IntArray, index: Any) -> None:
    """Ask the processor for an element that will be read soon; nothing outside machine code."""


@cache
def instruction() -> Any:
    """Build the LLVM instruction that takes the place of `prefetch` in machine code."""
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.extending import intrinsic

    @intrinsic
    def ahead(_typing: Any, array: Any, _index: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            base = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            address = builder.bitcast(builder.gep(base, [arguments[1]]), ir.IntType(8).as_pointer())
            word = ir.IntType(32)
            kind = ir.FunctionType(ir.VoidType(), [address.type, word, word, word])
            call = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
                builder.module, kind, "llvm.prefetch.p0"
            )
            builder.call(call, [address, word(0), word(3), word(1)])  # for reading, keep close, data
            return context.get_dummy_value()

        return types.void(array, types.intp), emit

    return ahead
