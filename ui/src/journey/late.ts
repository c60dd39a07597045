// The canvas comes in a file of its own, asked for at once where the first address needs it: it travels beside the first data.
import { lazy } from "react";

const load = () => import("./Canvas");
if (/^\/(?:journeys\/|$)/.test(location.pathname) && matchMedia("(min-width: 48.01em)").matches) void load();

export const Canvas = lazy(load);
