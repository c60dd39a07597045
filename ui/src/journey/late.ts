// The canvas comes in a file of its own, asked for at once where the first address needs it: it travels beside the first data.
import { lazy } from "react";

/**
 * Whether this is a phone, which begins with the list. It is asked once: a window that is made smaller for a moment keeps
 * its canvas, and whoever wants the list has a switch.
 */
export const PHONE = matchMedia("(max-width: 48em)").matches;

const load = () => import("./Canvas");
if (!PHONE && /^\/(?:journeys\/|$)/.test(location.pathname)) void load();

export const Canvas = lazy(load);
