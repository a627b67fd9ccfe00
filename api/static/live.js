// The live stream: the browser reconnects by itself and says which event it has seen last, so none is missed.

let source = null;

export function follow(after, on) {
  if (source) source.close();
  source = new EventSource(`/v1/stream?after=${after}`);
  source.addEventListener("open", () => on.state("live"));
  source.addEventListener("alert", (event) => on.alert(JSON.parse(event.data)));
  source.addEventListener("change", (event) => on.change(JSON.parse(event.data)));
  source.addEventListener("reset", () => on.reset());
  source.addEventListener("error", () => {
    on.state(source.readyState === EventSource.CLOSED ? "paused: the stream has ended, reload the page" : "reconnecting");
    if (source.readyState === EventSource.CLOSED) setTimeout(on.reset, 5000);
  });
}
