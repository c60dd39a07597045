// What the studio's routes answer, as types, and the one way to ask them.
import type { Text } from "./words";

export type Status = "draft" | "live" | "paused" | "stopped" | "archived";
export type Arms = { treated: number; control: number };
export type MessageState = "planned" | "held" | "started" | "sent" | "suppressed" | "expired" | "failed";

export interface JourneyCard {
  id: string;
  title: Text;
  scene: string | null;
  status: Status;
  version: number | null;
  entered: number;
  waiting: number;
  held: number;
  left: number;
  goals: Record<string, Arms>;
}

export interface Overview {
  workspace: { id: string; name: Text; tz: string; locale: string; terms?: Record<string, Text> };
  offsets: { accepted: number; applied: number; history: number };
  clock: { mode: string; now: string };
  kill_switch: { on: boolean };
  people: number;
  events: { total: number; minute: { at: string; count: number }[] };
  journeys: JourneyCard[];
  messages: Record<"planned" | "sent" | "suppressed" | "expired" | "failed" | "held" | "in_flight", number>;
  channels: { id: string; kind: string; live: boolean }[];
  quarantined: number;
}

export interface NodeCounts {
  entered: number;
  waiting: number;
  held: number;
  left: number;
  withheld: number;
  held_by?: Record<string, number>;
  edges?: Record<string, number>;
  messages?: Record<string, number>;
}

export interface Counts {
  journey: string;
  version: number | null;
  clock: string;
  window: string;
  unit: string;
  fresh_to: string | null;
  entered: number;
  exits: Record<string, number>;
  nodes: Record<string, NodeCounts>;
  goals: Record<string, Arms>;
  control: number;
  treated: number;
}

export interface Clause { event?: string; segment?: string; where?: string; next: string }
export interface Case { if: string; next: string }
export interface Wait {
  for?: string;
  until?: string;
  offset?: string;
  past?: string;
  missing?: string;
  window?: { days?: string[]; from: string; to: string };
  best?: string;
}
export interface Send {
  channel?: string;
  channels?: string[];
  template: string;
  class?: string;
  ttl?: string;
  on?: Record<string, string | null>;
}
export interface Task {
  queue: string;
  title: Text;
  sla?: { within: string };
  outcomes?: Record<string, string>;
}

/** A node as it stands in the document: one kind, and how it is left. */
export interface NodeForm {
  wait?: Wait;
  listen?: Clause[];
  branch?: Case[];
  split?: Record<string, number | string>;
  send?: Send;
  task?: Task;
  finish?: string;
  next?: string | Record<string, string>;
  else?: string;
  timeout?: string;
  overdue?: string;
  stage?: string;
  touchpoint?: string;
  title?: Text;
  note?: Text;
}

export interface Entry {
  on?: string;
  event?: string;
  where?: string;
  who?: string;
  key?: string;
  segment?: string;
  change?: "enter" | "leave";
  audience?: string;
  field?: string;
  journey?: string;
  reentry?: "never" | "always" | { after: string };
  limit?: { total: number; per?: "day" | "week" | "month" };
}
export interface Exit { event?: string; where?: string; when?: string; segment?: string; reason: string }
export interface Goal { id: string; event: string; where?: string; primary?: boolean; within?: string; exit?: boolean }

export interface Document {
  journey: string;
  title?: Text;
  scene?: string;
  stages?: (string | { id: string; title: Text })[];
  entry: Entry | Entry[];
  exit?: Exit[];
  goals?: Goal[];
  holdout?: number | string;
  class?: string;
  start: string;
  nodes: Record<string, NodeForm>;
}

export interface Problem { code: string; severity: string; text: string; line?: number | null }
export interface Journey {
  id: string;
  title: Text;
  status: Status;
  version: number | null;
  document: Document | null;
  problems: Problem[];
}

export interface Present {
  id: string;
  profile: string;
  name: string | null;
  entered_at: string;
  arrived_at: string;
  node: string;
  state: string;
  reason: string;
  arm: string;
  due_at: string | null;
}

export type Identifier = { namespace: string; value: string };
export interface PersonRow {
  id: string;
  name: string | null;
  identifiers: Identifier[];
  traits: Record<string, unknown>;
  seen: string | null;
  journeys: string[];
}
export interface Run {
  id: string;
  journey: string;
  title: Text;
  version: number;
  status: string;
  arm: string;
  node: string;
  state: string;
  entered_at: string;
  exited_at: string | null;
  reason: string;
}
export interface Person {
  id: string;
  name: string | null;
  identifiers: Identifier[];
  traits: Record<string, unknown>;
  tags: string[];
  consent: Record<string, Record<string, { state: string; at: string | null; basis: string | null }>>;
  timezone: string | null;
  locale: string | null;
  first_seen: string | null;
  seen: string | null;
  enrollments: Run[];
  merged: string[];
}
export interface Moment {
  id: string;
  at: string;
  kind: "event" | "transition" | "message";
  title: Text;
  channel: string | null;
  journey: string | null;
  node: string | null;
  detail: Record<string, unknown>;
}
export interface ExplainStep {
  at: string;
  node: string | null;
  kind: string;
  outcome: string;
  inputs: Record<string, unknown>;
  rule: string | null;
  because: Text;
  cause: string;
}
export interface Blocker { gate: string; need: string; first: boolean; smallest_change: Text; outcome?: string }
export interface Explanation {
  profile: string;
  journey: string;
  version: number | null;
  verdict: string;
  steps: ExplainStep[];
  blockers: Blocker[];
}

export interface Message {
  id: string;
  at: string;
  planned_at: string;
  profile: string;
  name: string | null;
  journey: string;
  node: string;
  channel: string;
  template: string;
  class: string;
  state: MessageState;
  reason: string;
  due: string | null;
  address: string;
  content: { subject?: string; body?: string };
  verdicts: { gate: string; outcome: string; reason: string; until: string | null }[];
}

export interface Page<T> { items: T[]; next_cursor: string | null }

/** A refusal by the server, with its stable code. */
export class Refused extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

export async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const headers = { "accept-language": document.documentElement.lang, ...(init && { "content-type": "application/json" }) };
  const answer = await fetch(path, { headers, ...init });
  if (!answer.ok) {
    const problem: { code?: string; detail?: string; title?: string } = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, problem.code ?? "", problem.detail ?? problem.title ?? answer.statusText);
  }
  return answer.json() as Promise<T>;
}

/** A path with the parameters that are set. */
export function route(path: string, parameters: Record<string, string | number | null | undefined>): string {
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}`;
}
