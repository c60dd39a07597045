// The frame around every page, and which page an address means.
import { IconMapOff } from "@tabler/icons-react";
import { lazy, Suspense, useEffect } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { useOverview } from "./journey/queries";
import { useStream } from "./live";
import { Notice, Waiting } from "./marks/Notice";
import { Overview } from "./overview/Overview";
import { Header } from "./shell/Header";
import { setTerms, useWords } from "./words";

const JourneyPage = lazy(() => import("./journey/JourneyPage"));
const People = lazy(() => import("./people/People"));
const PersonPage = lazy(() => import("./people/PersonPage"));
const Inbox = lazy(() => import("./inbox/Inbox"));

function Nowhere() {
  const { say } = useWords();
  return (
    <Notice icon={IconMapOff} title={say("page.error.missing")}>
      <Link href="/">{say("page.error.missing.back")}</Link>
    </Notice>
  );
}

/** A new page starts at its top. */
function useTop(): void {
  const [location] = useLocation();
  // in braces: where scrolling answers with a promise it must not be taken for the effect's end
  useEffect(() => {
    scrollTo(0, 0);
  }, [location]);
}

export function App() {
  const { say } = useWords();
  const terms = useOverview().data?.workspace.terms;
  useStream();
  useTop();
  useEffect(() => setTerms(terms), [terms]);
  return (
    <>
      <a className="skip" href="#content">{say("page.nav.skip")}</a>
      <Header />
      <main id="content" tabIndex={-1}>
        <Suspense fallback={<div className="page"><Waiting /></div>}>
          <Switch>
            <Route path="/"><Overview /></Route>
            <Route path="/journeys/:id">{({ id }) => <JourneyPage id={id} key={id} />}</Route>
            <Route path="/people"><People /></Route>
            <Route path="/people/:id">{({ id }) => <PersonPage id={id} key={id} />}</Route>
            <Route path="/inbox"><Inbox /></Route>
            <Route><Nowhere /></Route>
          </Switch>
        </Suspense>
      </main>
    </>
  );
}
