package dev.sallyport.data.actor;

import dev.sallyport.data.binding.Refusal;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.LongFunction;

/**
 * The door for what is made of an actor but serves in its own way: it has one owner, moves, and
 * leaves memory like one. Thread-safe, does not block.
 */
@Singleton
public class Tenancy {
  private final Directory directory;

  @Inject
  Tenancy(Directory directory) {
    this.directory = directory;
  }

  /**
   * The one of this address that is here, or a new one, which is told before long whether it is
   * {@link Tenant#owned} or has to {@link Tenant#leave}.
   *
   * @param make given the incarnation of this worker that it is to live under
   * @param here whether this worker is to take it, if nobody has it, wherever it should live
   * @throws Refusal 503 where this worker takes none now
   */
  public <T extends Tenant> T find(Address address, LongFunction<T> make, boolean here) {
    return directory.tenant(address, make, here);
  }

  /** It is here no more; said at once by whatever leaves. */
  public void gone(Tenant tenant) {
    directory.forget(tenant);
  }
}
