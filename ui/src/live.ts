// The pulse of the house: one stream of server events kept in the same cache that the pages read.
import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { Counts, Message, Overview, Page } from "./api";

let open = false;
const watchers = new Set<() => void>();

function settle(now: boolean): void {
  if (now === open) return;
  open = now;
  for (const tell of watchers) tell();
}

function watch(tell: () => void): () => void {
  watchers.add(tell);
  return () => void watchers.delete(tell);
}

/** Whether the stream is connected right now. */
export function useIsLive(): boolean {
  return useSyncExternalStore(watch, () => open);
}

function takeMessage(client: QueryClient, message: Message): void {
  client.setQueriesData<InfiniteData<Page<Message>>>({ queryKey: ["messages"] }, (data) => {
    if (!data) return data;
    const pages = data.pages.map((page) => ({
      ...page,
      items: page.items.map((item) => (item.id === message.id ? { ...item, ...message } : item)),
    }));
    return { ...data, pages };
  });
  const known = client
    .getQueriesData<InfiniteData<Page<Message>>>({ queryKey: ["messages"] })
    .some(([, data]) => data?.pages.some((page) => page.items.some((item) => item.id === message.id)));
  if (!known) void client.invalidateQueries({ queryKey: ["messages"] }, { cancelRefetch: false });
}

const RETRY_MS = 2_000;

/** One connection: what it brings goes into the cache; `lost` is called when the browser has given it up. */
function connect(client: QueryClient, lost: () => void): EventSource {
  const source = new EventSource("/api/stream");
  source.onopen = () => settle(true);
  source.onerror = () => {
    settle(false);
    if (source.readyState === EventSource.CLOSED) lost();
  };
  source.addEventListener("pulse", (event) => {
    const figures: Partial<Overview> = JSON.parse(event.data);
    client.setQueryData<Overview>(["overview"], (old) => (old ? { ...old, ...figures } : old));
  });
  source.addEventListener("counts", (event) => {
    const counts: Counts = JSON.parse(event.data);
    client.setQueryData<Counts>(["counts", counts.journey], (old) => ({ ...old, ...counts }));
  });
  source.addEventListener("message", (event) => {
    if (event.data) takeMessage(client, JSON.parse(event.data));
  });
  return source;
}

/** Listen while the application is on screen, for ever: an answer that ends the stream only ends that try. */
export function useStream(): void {
  const client = useQueryClient();
  useEffect(() => {
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout>;
    const begin = (): void => {
      source = connect(client, () => {
        timer = setTimeout(begin, RETRY_MS);
      });
    };
    begin();
    return () => {
      clearTimeout(timer);
      source.close();
      settle(false);
    };
  }, [client]);
}
