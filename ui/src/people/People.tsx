// People: find one.
import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue, useDocumentTitle } from "@mantine/hooks";
import { IconSearch, IconUserSearch, IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import type { PersonRow } from "../api";
import { when } from "../format";
import { useOverview, useZone } from "../journey/queries";
import { Notice, Trouble, Waiting } from "../marks/Notice";
import { read, useWords } from "../words";
import "./people.css";
import { usePeople } from "./queries";

function Line({ person }: { person: PersonRow }) {
  const { lang } = useWords();
  const zone = useZone();
  const cards = useOverview().data?.journeys ?? [];
  return (
    <tr>
      <th scope="row">
        <Link href={`/people/${encodeURIComponent(person.id)}`}>{person.name || person.id}</Link>
      </th>
      <td className="people-ids">{person.identifiers.slice(0, 2).map((one) => <code key={`${one.namespace}:${one.value}`}>{one.value}</code>)}</td>
      <td>
        <span className="row">
          {person.journeys.map((id) => <span key={id} className="chip">{read(cards.find((card) => card.id === id)?.title, lang, id)}</span>)}
        </span>
      </td>
      <td className="figure people-seen">{when(person.seen, lang, zone)}</td>
    </tr>
  );
}

function Found({ query }: { query: string }) {
  const { say } = useWords();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = usePeople(query);
  if (error && !data) return <Trouble error={error} retry={() => void refetch()} />;
  if (!data) return <Waiting rows={6} height={44} />;
  const people = data.pages.flatMap((page) => page.items);
  if (people.length === 0)
    return query === ""
      ? <Notice icon={IconUsers} title={say("page.people.empty")} text={say("page.people.empty.how")} />
      : <Notice icon={IconUserSearch} title={say("page.people.none", { query })} text={say("page.people.none.how")} />;
  return (
    <>
      <table className="card people">
        <thead>
          <tr>
            <th scope="col">{say("page.people.name")}</th>
            <th scope="col">{say("page.people.identifiers")}</th>
            <th scope="col">{say("page.people.journeys")}</th>
            <th scope="col" className="people-seen">{say("page.people.seen")}</th>
          </tr>
        </thead>
        <tbody>{people.map((person) => <Line key={person.id} person={person} />)}</tbody>
      </table>
      {hasNextPage && (
        <Button variant="default" mt="md" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{say("page.more")}</Button>
      )}
    </>
  );
}

export default function People() {
  const { say } = useWords();
  const zone = useZone();
  const [typed, setTyped] = useState("");
  const [query] = useDebouncedValue(typed.trim(), 200);
  useDocumentTitle(`${say("page.people.title")} · wayfare`);
  return (
    <div className="page narrow">
      <div className="page-head">
        <h1>{say("page.people.title")}</h1>
        <span className="quiet small">{say("page.zone", { zone })}</span>
      </div>
      <TextInput type="search" size="md" mb="md" aria-label={say("page.people.search")} placeholder={say("page.people.search")}
        leftSection={<IconSearch size={18} stroke={1.7} aria-hidden />} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      <Found query={query} />
    </div>
  );
}
