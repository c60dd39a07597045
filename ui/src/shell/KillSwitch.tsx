// One switch that stops every send at the last gate; it asks before it acts, both ways.
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconHandStop, IconPlayerPlay } from "@tabler/icons-react";
import { useEffect, useId, useRef, useState } from "react";
import { ask, type Overview } from "../api";
import { useOverview } from "../journey/queries";
import { useWords } from "../words";

function useSwitch(done: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (on: boolean) => ask<{ on: boolean }>("/api/kill-switch", { method: "POST", body: JSON.stringify({ on }) }),
    onSuccess: (kill_switch) => {
      client.setQueryData<Overview>(["overview"], (old) => (old ? { ...old, kill_switch } : old));
      done();
    },
  });
}

/** The question before the act, in a dialog of the browser's own. `on` is the state that is asked for. */
function Ask({ on, close }: { on: boolean; close: () => void }) {
  const { say } = useWords();
  const act = useSwitch(close);
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className="ask" aria-labelledby={title} onClose={close}>
      <h2 id={title}>{say(on ? "page.kill.ask_on" : "page.kill.ask_off")}</h2>
      <p className="kill-why">{say(on ? "page.kill.why_on" : "page.kill.why_off")}</p>
      {act.isError && <p role="alert" className="kill-failed">{say("page.kill.failed")}</p>}
      <div className="kill-acts">
        <Button variant="default" onClick={close}>{say("page.cancel")}</Button>
        <Button className={on ? "stop" : ""} loading={act.isPending} onClick={() => act.mutate(on)}>
          {say(on ? "page.kill.stop" : "page.kill.release")}
        </Button>
      </div>
    </dialog>
  );
}

export function KillSwitch() {
  const { say } = useWords();
  const { data } = useOverview();
  const [opened, setOpened] = useState(false);
  const on = data?.kill_switch.on ?? false;
  return (
    <>
      <button type="button" className="kill" data-on={on || undefined} disabled={!data} aria-pressed={on} onClick={() => setOpened(true)}>
        <IconHandStop size={17} stroke={1.9} aria-hidden />
        <span>{say(on ? "page.kill.is_on" : "page.kill")}</span>
      </button>
      {opened && <Ask on={!on} close={() => setOpened(false)} />}
    </>
  );
}

/** While the switch is on every page says so, and offers the way back. */
export function KillSwitchBanner() {
  const { say } = useWords();
  const { data } = useOverview();
  const [opened, setOpened] = useState(false);
  if (!data?.kill_switch.on) return null;
  return (
    <div className="kill-banner" role="alert">
      <IconHandStop size={18} aria-hidden />
      <span>{say("page.kill.banner")}</span>
      <Button size="xs" variant="default" leftSection={<IconPlayerPlay size={14} aria-hidden />} onClick={() => setOpened(true)}>
        {say("page.kill.release")}
      </Button>
      {opened && <Ask on={false} close={() => setOpened(false)} />}
    </div>
  );
}
