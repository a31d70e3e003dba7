package dev.sallyport.user.app;

import dev.sallyport.user.edge.StrictFraming;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Where the worker begins. */
@QuarkusMain
public final class Main {
  private Main() {}

  public static void main(String... arguments) {
    StrictFraming.announce();
    Quarkus.run(arguments);
  }
}
