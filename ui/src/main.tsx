// Mount the pages.
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { Refused } from "./api";
import "./mantine.css";
import "./look.css";
import { theme } from "./theme";
import { startWords } from "./words";

startWords();

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // a refusal stays a refusal; a server that stumbles or restarts is asked again
      retry: (times, error) => !(error instanceof Refused && error.status < 500) && times < 3,
      retryDelay: (times) => 300 * 2 ** times,
    },
  },
});

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <QueryClientProvider client={client}>
          <App />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
