// The questions that the journey pages ask.
import { type Query, useQuery } from "@tanstack/react-query";
import { ask, type Counts, type Journey, type Overview, type Page, type Present, route } from "../api";
import { useIsLive } from "../live";

const AGAIN_MS = 4_000;

/** The stream brings changes within a second; without it, or after an answer that failed, the figures are asked for. */
function useAgain<T>(): (query: Query<T>) => number | false {
  const live = useIsLive();
  return (query) => (live && query.state.status === "success" ? false : AGAIN_MS);
}

export function useOverview() {
  const refetchInterval = useAgain<Overview>();
  return useQuery({ queryKey: ["overview"], queryFn: () => ask<Overview>("/api/overview"), refetchInterval });
}

export function useZone(): string {
  return useOverview().data?.workspace.tz ?? "UTC";
}

export function useJourney(id: string) {
  return useQuery({ queryKey: ["journey", id], queryFn: () => ask<Journey>(`/api/journeys/${encodeURIComponent(id)}`) });
}

export function useCounts(id: string) {
  const refetchInterval = useAgain<Counts>();
  const path = route(`/api/journeys/${encodeURIComponent(id)}/counts`, { clock: "event", window: "all" });
  return useQuery({ queryKey: ["counts", id], queryFn: () => ask<Counts>(path), refetchInterval });
}

/** Who is at a node now; asked again when the node's figures move. */
export function usePresent(journey: string, node: string, moved: string) {
  const path = route(`/api/journeys/${encodeURIComponent(journey)}/enrollments`, { node, state: "live", limit: 20 });
  return useQuery({
    queryKey: ["present", journey, node, moved],
    queryFn: () => ask<Page<Present>>(path),
    placeholderData: (old) => old,
  });
}
