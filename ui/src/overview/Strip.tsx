// The strip: people, events a minute, and every message in the one state it is in.
import { IconMailbox } from "@tabler/icons-react";
import { Link } from "wouter";
import type { Overview } from "../api";
import { count } from "../format";
import { look } from "../marks/StateMark";
import { Tick } from "../marks/Tick";
import { useWords } from "../words";
import { Sparkline } from "./Sparkline";

const STATES = ["sent", "in_flight", "held", "suppressed", "expired", "failed"] as const;

/** Until a real channel is connected on purpose nothing leaves the house, and the page says so. */
function Local({ figures }: { figures: Overview }) {
  const { say } = useWords();
  if (figures.channels.some((channel) => channel.live)) return null;
  return (
    <p className="local">
      <IconMailbox size={16} stroke={1.8} aria-hidden />
      {say("page.local")} <Link href="/inbox">{say("page.local.open")}</Link>
    </p>
  );
}

function Messages({ figures }: { figures: Overview }) {
  const { say, lang } = useWords();
  const { messages } = figures;
  const shown = STATES.filter((state) => messages[state] > 0 || state === "sent" || state === "held" || state === "suppressed");
  return (
    <section className="strip-part strip-messages" aria-labelledby="strip-messages">
      <h3 id="strip-messages">{say("page.overview.messages")}</h3>
      <p className="strip-figure">
        <Tick value={messages.planned} /> <small>{say("word.planned")}</small>
      </p>
      <div className="bar" aria-hidden>
        {STATES.map((state) => {
          const part = messages.planned > 0 ? messages[state] / messages.planned : 0;
          return part > 0 && <i key={state} data-tone={look(`word.${state}`)[0]} data-state={state} style={{ flexGrow: part }} />;
        })}
      </div>
      <ul className="legend">
        {shown.map((state) => {
          const [tone, Icon] = look(`word.${state}`);
          return (
            <li key={state} data-tone={tone}>
              <Icon size={14} stroke={2} aria-hidden />
              {say(`word.${state}`)} <strong className="figure">{count(messages[state], lang)}</strong>
            </li>
          );
        })}
      </ul>
      <Local figures={figures} />
    </section>
  );
}

/** The mean of the last fifteen full minutes; the running minute would always look poor. */
function pace(minutes: number[]): number {
  const full = minutes.slice(-16, -1);
  const mean = full.reduce((sum, one) => sum + one, 0) / Math.max(1, full.length);
  return mean < 10 ? Math.round(mean * 10) / 10 : Math.round(mean);
}

export function Strip({ figures }: { figures: Overview }) {
  const { say, lang } = useWords();
  const minutes = figures.events.minute;
  const behind = Math.max(0, figures.offsets.accepted - figures.offsets.applied);
  const factor = /^x(\d+)$/.exec(figures.clock.mode)?.[1];
  return (
    <section className="strip card" aria-label={say("page.overview.house")}>
      <section className="strip-part" aria-labelledby="strip-people">
        <h3 id="strip-people">{say("page.overview.people")}</h3>
        <p className="strip-figure"><Tick value={figures.people} /></p>
        <p className="quiet small">{say("page.overview.people.unit")}</p>
      </section>
      <section className="strip-part strip-events" aria-labelledby="strip-events">
        <div>
          <h3 id="strip-events">{say("page.overview.events")}</h3>
          <p className="strip-figure"><Tick value={pace(minutes.map((minute) => minute.count))} /></p>
          <p className="quiet small figure">
            {say("page.overview.events.mean")}
            {" · "}
            {say("page.overview.events.total", { count: count(figures.events.total, lang) })}
            {" · "}
            {behind > 0 ? say("page.overview.behind", { count: count(behind, lang) }) : say("page.overview.even")}
            {factor && ` · ${say("page.overview.speed", { factor })}`}
            {figures.quarantined > 0 && ` · ${say("page.overview.quarantined", { count: count(figures.quarantined, lang) })}`}
          </p>
        </div>
        <Sparkline values={minutes.map((minute) => minute.count)} />
      </section>
      <Messages figures={figures} />
    </section>
  );
}
