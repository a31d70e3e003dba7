package dev.sallyport.user.edge;

import dev.sallyport.model.rpc.JsonRpc;
import dev.sallyport.user.binding.Binding;
import dev.sallyport.user.limit.Limits;
import dev.sallyport.user.platform.Methods;
import dev.sallyport.user.route.Requirement;

/** What a request is for. */
sealed interface Destination {
  /** Something that there is, for callers who are what it requires. */
  sealed interface Door extends Destination {
    Requirement requirement();

    /** How often it may be asked for. */
    default Limits limits() {
      return Limits.USUAL;
    }
  }

  /**
   * A binding.
   *
   * @param entrypoint what comes before the path there; empty, or begins with a slash
   */
  record Service(Binding binding, String entrypoint, Requirement requirement, Limits limits)
      implements Door {
    /** Whether the binding is told who is calling. */
    boolean identifies() {
      return requirement != Requirement.ANONYMOUS;
    }
  }

  /**
   * Remote calls. A request, single or batch, goes through as it is, in one signed call, and never
   * twice; the private side reads it and answers each entry.
   */
  record RemoteCalls(Service service) implements Door {
    /** Where they go: the same for everybody, whatever the query was. */
    static final RequestTarget TARGET = new RequestTarget(JsonRpc.PRIVATE_PATH, null);

    @Override
    public Requirement requirement() {
      return service.requirement();
    }
  }

  /** A handler of our own. */
  record Own(Requirement requirement) implements Door {}

  /** A path that there is, which takes other methods. */
  record OtherMethods(Methods methods) implements Destination {}

  /** Nothing. */
  record Nothing() implements Destination {}
}
