package dev.sallyport.user.app;

import dev.sallyport.model.StartFailure;
import dev.sallyport.user.edge.StrictFraming;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.runtime.configuration.ConfigurationException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Where the worker begins, and where it ends. */
@QuarkusMain
public final class Main {
  private Main() {}

  public static void main(String... arguments) {
    StrictFraming.announce();
    Quarkus.run(null, Main::end, arguments);
  }

  /** Given an end of ours, Quarkus says nothing about a start that failed: that is left to us. */
  private static void end(int code, @Nullable Throwable failure) {
    if (failure != null) {
      var why = StartFailure.of("user-worker", failure, ConfigurationException.class);
      Logger.getLogger(Main.class).error(why.sentence(), why.foreseen() ? null : failure);
    }
    System.exit(code);
  }
}
