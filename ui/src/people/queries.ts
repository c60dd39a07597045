// The questions that the pages about people ask.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ask, type Explanation, type Moment, type Page, type Person, type PersonRow, route } from "../api";

const FRESH = 5_000;
const person = (id: string): string => `/api/profiles/${encodeURIComponent(id)}`;

export function usePeople(q: string) {
  return useInfiniteQuery({
    queryKey: ["people", q],
    queryFn: ({ pageParam }) => ask<Page<PersonRow>>(route("/api/profiles", { q, limit: 50, cursor: pageParam })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
}

export function usePerson(id: string) {
  return useQuery({ queryKey: ["person", id], queryFn: () => ask<Person>(person(id)), refetchInterval: FRESH });
}

export function useTimeline(id: string) {
  return useInfiniteQuery({
    queryKey: ["timeline", id],
    queryFn: ({ pageParam }) => ask<Page<Moment>>(route(`${person(id)}/timeline`, { limit: 50, cursor: pageParam })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: FRESH,
  });
}

export function useExplanations(id: string) {
  return useQuery({
    queryKey: ["explain", id],
    queryFn: () => ask<{ profile: string; journeys: Explanation[] }>(`${person(id)}/explain`),
    refetchInterval: FRESH,
  });
}
