"""Names for the arrays that come in and go out of this room."""

from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.integer[Any]]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Counts = int | npt.NDArray[Any]
Numbers = float | npt.NDArray[Any]
