package dev.sallyport.data.workflow;

/**
 * Takes a thread out of a workflow's code when its run leaves memory: to wait, or because it was
 * taken away. An {@link Error} so that code which catches exceptions does not stop it.
 */
final class Leave extends Error {
  Leave() {
    super("the run leaves memory", null, false, false);
  }
}
