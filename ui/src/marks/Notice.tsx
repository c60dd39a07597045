// What a page says when there is nothing to show, when it waits, and when something went wrong.
import { Button, Skeleton } from "@mantine/core";
import { IconCloudOff, IconKey, IconMapOff, type IconInbox } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Refused } from "../api";
import { useWords } from "../words";

type Props = { icon: typeof IconInbox; title: string; text?: string; children?: ReactNode };

export function Notice({ icon: Icon, title, text, children }: Props) {
  return (
    <div className="notice">
      <Icon size={36} stroke={1.4} aria-hidden />
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {children}
    </div>
  );
}

/** What went wrong, and the way on: sign in again, go back, or ask once more. */
export function Trouble({ error, retry }: { error: unknown; retry?: () => void }) {
  const { say } = useWords();
  if (error instanceof Refused && (error.status === 401 || error.status === 403))
    return <Notice icon={IconKey} title={say("page.error.signed_out")} text={say("page.error.signed_out.how")} />;
  if (error instanceof Refused && error.status === 404)
    return (
      <Notice icon={IconMapOff} title={say("page.error.missing")}>
        <Link href="/">{say("page.error.missing.back")}</Link>
      </Notice>
    );
  const text = error instanceof Refused ? [error.code, error.message].filter(Boolean).join(" · ") : say("page.error.offline");
  return (
    <div role="alert">
      <Notice icon={IconCloudOff} title={say("page.error")} text={text}>
        {retry && <Button variant="default" onClick={retry}>{say("page.retry")}</Button>}
      </Notice>
    </div>
  );
}

export function Waiting({ rows = 3, height = 56 }: { rows?: number; height?: number }) {
  const { say } = useWords();
  return (
    <div role="status" aria-label={say("page.loading")}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} radius="md" mb={12} />
      ))}
    </div>
  );
}
