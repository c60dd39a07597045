// One person: who she is, what she agreed to, where she stands in every journey and why, and all that happened.
import { useDocumentTitle } from "@mantine/hooks";
import { IconMailbox } from "@tabler/icons-react";
import { Link } from "wouter";
import { type Person, route } from "../api";
import { when } from "../format";
import { useZone } from "../journey/queries";
import { Trouble, Waiting } from "../marks/Notice";
import { StateMark } from "../marks/StateMark";
import { sayKnown, useWords } from "../words";
import { Facts } from "./Facts";
import "./people.css";
import { usePerson } from "./queries";
import { Timeline } from "./Timeline";
import { Why } from "./Why";

/** One or two signs that stand for a person: a Chinese family name, or initials. */
function initials(name: string): string {
  if (/[\u3400-\u9fff]/.test(name)) return name.slice(0, 1);
  return name.split(/[\s@._-]+/).slice(0, 2).map((part) => part.charAt(0).toUpperCase()).join("");
}

function Head({ person }: { person: Person }) {
  const { say, lang } = useWords();
  const zone = useZone();
  const name = person.name || person.id;
  return (
    <header className="person-head">
      <span className="portrait" aria-hidden>{initials(name)}</span>
      <div>
        <h1>{name}</h1>
        <p className="quiet small figure">
          {[
            `${say("page.people.seen")} ${when(person.seen, lang, zone)}`,
            `${say("page.person.first_seen")} ${when(person.first_seen, lang, zone)}`,
            say("page.zone", { zone }),
          ].join(" · ")}
        </p>
        <p className="row">
          {person.identifiers.map((one) => <span key={`${one.namespace}:${one.value}`} className="chip"><span className="quiet">{one.namespace}</span><code>{one.value}</code></span>)}
        </p>
      </div>
      <Link href={route("/inbox", { profile: person.id })} className="person-inbox">
        <IconMailbox size={17} stroke={1.8} aria-hidden /> {say("page.person.messages")}
      </Link>
    </header>
  );
}

function Consent({ person }: { person: Person }) {
  const { say, lang } = useWords();
  const zone = useZone();
  const purposes = Object.entries(person.consent);
  return (
    <section className="card person-card" aria-labelledby="consent">
      <h2 id="consent">{say("page.person.consent")}</h2>
      {purposes.length === 0 && <p className="quiet">{say("page.person.consent.none")}</p>}
      {purposes.map(([purpose, channels]) => (
        <div key={purpose} className="consent">
          <h3>{sayKnown(say, `word.purpose.${purpose}`, purpose)}</h3>
          <ul>
            {Object.entries(channels).map(([channel, one]) => (
              <li key={channel} title={when(one.at, lang, zone)}>
                <span>{channel === "" ? say("page.person.consent.every") : sayKnown(say, `word.channel.${channel}`, channel)}</span>
                <StateMark word={`word.consent.${one.state}`} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

export default function PersonPage({ id }: { id: string }) {
  const { say } = useWords();
  const { data: person, error, refetch } = usePerson(id);
  useDocumentTitle(`${person?.name ?? say("page.people.title")} · wayfare`);
  if (error && !person) return <Trouble error={error} retry={() => void refetch()} />;
  if (!person) return <div className="page"><Waiting rows={3} height={120} /></div>;
  const own = {
    ...(person.timezone ? { [say("page.person.zone")]: person.timezone } : {}),
    ...(person.locale ? { [say("page.person.locale")]: person.locale } : {}),
    ...(person.merged.length > 0 ? { [say("page.person.merged")]: person.merged.join(" ") } : {}),
  };
  return (
    <div className="page person">
      <Head person={person} />
      <div className="person-body">
        <div>
          <Why person={person} />
          <Timeline id={id} />
        </div>
        <div className="person-side">
          <Consent person={person} />
          <section className="card person-card" aria-labelledby="traits">
            <h2 id="traits">{say("page.person.traits")}</h2>
            {Object.keys(person.traits).length === 0 && <p className="quiet">{say("page.person.traits.none")}</p>}
            <Facts facts={person.traits} />
            {Object.keys(own).length > 0 && <Facts facts={own} named />}
          </section>
          {person.tags.length > 0 && (
            <section className="card person-card" aria-labelledby="tags">
              <h2 id="tags">{say("page.person.tags")}</h2>
              <p className="row">{person.tags.map((tag) => <span key={tag} className="chip">{tag}</span>)}</p>
            </section>
          )}
        </div>
      </div>
    </div>
  );
}
