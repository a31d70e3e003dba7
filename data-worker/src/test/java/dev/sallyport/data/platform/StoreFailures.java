package dev.sallyport.data.platform;

import java.net.ConnectException;
import java.util.concurrent.TimeoutException;

/** The two kinds of {@link StoreFailure}, for tests elsewhere. */
public final class StoreFailures {
  private StoreFailures() {}

  /** Nothing was asked, so nothing was done. */
  public static StoreFailure notAsked() {
    return Failures.notAsked(new ConnectException("Connection refused: 10.9.8.7:5432"));
  }

  /** Nobody knows what was done. */
  public static StoreFailure notAnswered() {
    return StoreFailure.of(new TimeoutException());
  }
}
