// How each state looks: one tone, one icon, one word.
import {
  IconArrowRight, IconBan, IconCheck, IconCircleDashed, IconClock, IconClockOff, IconDoorExit, IconFlag, IconLogin2,
  IconPencil, IconPlayerPause, IconPlayerPlayFilled, IconPlayerStop, IconScale, IconSend, IconTarget, IconX,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import { type Key, sayKnown, useWords } from "../words";

export type Tone = "accent" | "waiting" | "held" | "left" | "withheld" | "stopped" | "ink";
type Icon = ComponentType<{ size?: number | string; stroke?: number | string; "aria-hidden"?: boolean }>;
type Look = readonly [tone: Tone, icon: Icon];

const LOOKS: Record<string, Look> = {
  "word.entered": ["ink", IconLogin2],
  "word.waiting": ["waiting", IconClock],
  "word.held": ["held", IconPlayerPause],
  "word.left": ["left", IconArrowRight],
  "word.withheld": ["withheld", IconScale],
  "word.planned": ["waiting", IconCircleDashed],
  "word.started": ["waiting", IconSend],
  "word.in_flight": ["waiting", IconSend],
  "word.sent": ["accent", IconCheck],
  "word.suppressed": ["stopped", IconBan],
  "word.expired": ["left", IconClockOff],
  "word.failed": ["stopped", IconX],
  "word.status.draft": ["left", IconPencil],
  "word.status.live": ["accent", IconPlayerPlayFilled],
  "word.status.paused": ["held", IconPlayerPause],
  "word.status.stopped": ["stopped", IconPlayerStop],
  "word.status.archived": ["left", IconPlayerStop],
  "word.verdict.enrolled": ["waiting", IconClock],
  "word.verdict.held": ["held", IconPlayerPause],
  "word.verdict.suppressed": ["stopped", IconBan],
  "word.verdict.control": ["withheld", IconScale],
  "word.verdict.not_entered": ["left", IconBan],
  "word.verdict.exited": ["left", IconDoorExit],
  "word.verdict.completed": ["accent", IconFlag],
  "word.control": ["withheld", IconScale],
  "word.outcome.entered": ["accent", IconLogin2],
  "word.outcome.control": ["withheld", IconScale],
  "word.outcome.not_entered": ["left", IconBan],
  "word.outcome.waiting": ["waiting", IconClock],
  "word.outcome.held": ["held", IconPlayerPause],
  "word.outcome.left": ["left", IconArrowRight],
  "word.outcome.withheld": ["withheld", IconScale],
  "word.outcome.exited": ["left", IconDoorExit],
  "word.outcome.finished": ["accent", IconFlag],
  "word.outcome.goal": ["accent", IconTarget],
  "word.outcome.no": ["stopped", IconX],
  "word.outcome.pass": ["accent", IconCheck],
  "word.outcome.hold": ["held", IconPlayerPause],
  "word.outcome.suppress": ["stopped", IconBan],
  "word.outcome.expire": ["left", IconClockOff],
  "word.consent.granted": ["accent", IconCheck],
  "word.consent.denied": ["stopped", IconX],
  "word.consent.withdrawn": ["stopped", IconBan],
};
const PLAIN: Look = ["left", IconCircleDashed];

export function look(word: string): Look {
  return LOOKS[word] ?? PLAIN;
}

/** The pill of a state; `word` is its key in the catalogue, such as `word.held`. */
export function StateMark({ word }: { word: Key | `word.${string}` }) {
  const { say } = useWords();
  const [tone, Icon] = look(word);
  return (
    <span className="mark" data-tone={tone}>
      <Icon size={14} stroke={2} aria-hidden />
      {sayKnown(say, word, word.split(".").at(-1) ?? word)}
    </span>
  );
}
