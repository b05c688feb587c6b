// The tracker as an ES module: the same code, its functions by name. On a server, without a page, all of them do nothing.
import "./track.js";

const call = (name) => (...given) => globalThis.crosslift?.[name]?.(...given);

export const start = call("start");
export const page = call("page");
export const track = call("track");
export const identify = call("identify");
export const consent = call("consent");
export const decide = async (asked) => (await call("decide")(asked)) ?? null;
export const respond = call("respond");
export const watch = call("watch");
export const seen = call("seen");
export const dwell = call("dwell");
export const traffic = call("traffic");
export const anonymousId = call("anonymousId");
export const sessionId = call("sessionId");
