// The one question of the inbox.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ask, type Message, type Page, route } from "../api";
import { useIsLive } from "../live";

export interface Filters { state: string | null; journey: string | null; profile: string | null }

export function useMessages(filters: Filters) {
  const live = useIsLive();
  return useInfiniteQuery({
    queryKey: ["messages", filters],
    queryFn: ({ pageParam }) => ask<Page<Message>>(route("/api/messages", { ...filters, limit: 50, cursor: pageParam })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: live ? false : 4_000,
  });
}
