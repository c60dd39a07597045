// The inbox: every message as its person would have seen it, with its state and the reason for it.
import { Button, NativeSelect } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconArrowLeft, IconDeviceMobile, IconInbox, IconMail, IconMailOpened, IconX } from "@tabler/icons-react";
import { useEffect } from "react";
import { useLocation, useSearch } from "wouter";
import { type Message, route } from "../api";
import { when } from "../format";
import { useOverview, useZone } from "../journey/queries";
import { Notice, Trouble, Waiting } from "../marks/Notice";
import { StateMark } from "../marks/StateMark";
import { read, sayKnown, useWords } from "../words";
import { Detail } from "./Detail";
import "./inbox.css";
import { type Filters, useMessages } from "./queries";

const STATES = ["sent", "held", "suppressed", "expired", "failed", "planned", "started"] as const;

/** Filters and the open message are part of the address. */
function useAddress() {
  const [, go] = useLocation();
  const search = new URLSearchParams(useSearch());
  const set = (changes: Record<string, string | null>): void => {
    const next = { ...Object.fromEntries(search), ...changes };
    go(route("/inbox", next), { replace: true });
  };
  const filters: Filters = { state: search.get("state"), journey: search.get("journey"), profile: search.get("profile") };
  return { filters, open: search.get("message"), set };
}

function Choices({ filters, set, name }: { filters: Filters; set: (changes: Record<string, string | null>) => void; name: string | undefined }) {
  const { say, lang } = useWords();
  const cards = useOverview().data?.journeys ?? [];
  return (
    <div className="inbox-filters">
      <NativeSelect aria-label={say("page.inbox.state")} value={filters.state ?? ""} onChange={(event) => set({ state: event.currentTarget.value || null, message: null })}
        data={[{ value: "", label: say("page.inbox.state.all") }, ...STATES.map((state) => ({ value: state, label: say(state === "planned" ? "page.inbox.state.planned" : `word.${state}`) }))]} />
      <NativeSelect aria-label={say("page.inbox.journey")} value={filters.journey ?? ""} onChange={(event) => set({ journey: event.currentTarget.value || null, message: null })}
        data={[{ value: "", label: say("page.inbox.journey.all") }, ...cards.map((card) => ({ value: card.id, label: read(card.title, lang, card.id) }))]} />
      {filters.profile && (
        <Button variant="default" rightSection={<IconX size={15} aria-hidden />} aria-label={say("page.inbox.one_person.clear")} onClick={() => set({ profile: null, message: null })}>
          {say("page.inbox.one_person", { name: name ?? filters.profile })}
        </Button>
      )}
    </div>
  );
}

function Line({ message, chosen, open }: { message: Message; chosen: boolean; open: () => void }) {
  const { say, lang } = useWords();
  const zone = useZone();
  const Icon = message.channel === "email" ? IconMail : IconDeviceMobile;
  const text = (message.content.subject || message.content.body || "").replace(/<[^>]*>/g, " ").trim();
  return (
    <li>
      <button type="button" className="inbox-line" aria-current={chosen || undefined} onClick={open}>
        <Icon size={19} stroke={1.6} aria-hidden />
        <span className="inbox-who">{message.name || message.profile}</span>
        <time dateTime={message.at} className="quiet small figure">{when(message.at, lang, zone, "clock")}</time>
        <span className="inbox-text">{text || say("word.quoted", { text: message.template })}</span>
        <span className="inbox-state">
          <StateMark word={`word.${message.state}`} />
          {message.reason && <span className="quiet small">{sayKnown(say, `reason.${message.reason}`, message.reason)}</span>}
        </span>
      </button>
    </li>
  );
}

export default function Inbox() {
  const { say } = useWords();
  const { filters, open, set } = useAddress();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useMessages(filters);
  useDocumentTitle(`${say("page.inbox.title")} · wayfare`);
  const messages = data?.pages.flatMap((page) => page.items) ?? [];
  const chosen = messages.find((message) => message.id === open) ?? (open === null ? messages[0] : undefined);
  const missing = open !== null && data !== undefined && chosen === undefined;
  // a link may open a message that is further back than the first page
  useEffect(() => {
    if (missing && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [missing, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const filtered = Boolean(filters.state || filters.journey || filters.profile);
  return (
    <div className="page inbox" data-open={open !== null || undefined}>
      <div className="inbox-head">
        <div>
          <h1>{say("page.inbox.title")}</h1>
          <p className="quiet">{say("page.inbox.note")}</p>
        </div>
        <Choices filters={filters} set={set} name={messages[0]?.name ?? undefined} />
      </div>
      {error && !data ? <Trouble error={error} retry={() => void refetch()} /> : null}
      {!error && !data && <Waiting rows={6} height={64} />}
      {data && messages.length === 0 && (
        <Notice icon={IconInbox} title={say("page.inbox.none")} text={say(filtered ? "page.inbox.none.filtered" : "page.inbox.none.how")} />
      )}
      {messages.length > 0 && (
        <div className="inbox-body">
          <section className="card inbox-list" aria-label={say("page.inbox.list")}>
            <ul>
              {messages.map((message) => (
                <Line key={message.id} message={message} chosen={message.id === chosen?.id} open={() => set({ message: message.id })} />
              ))}
            </ul>
            {hasNextPage && <Button variant="default" m="md" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{say("page.more")}</Button>}
          </section>
          <div className="inbox-detail">
            <Button className="inbox-back" variant="subtle" leftSection={<IconArrowLeft size={16} aria-hidden />} onClick={() => set({ message: null })}>{say("page.inbox.back")}</Button>
            {chosen ? <Detail key={chosen.id} message={chosen} /> : <Notice icon={IconMailOpened} title={say("page.inbox.choose")} />}
          </div>
        </div>
      )}
    </div>
  );
}
