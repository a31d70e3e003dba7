package dev.sallyport.data;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Asks a health endpoint as Kubernetes does: again and again. */
public final class Probe {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Probe() {}

  /** The body of the first answer with that status. */
  public static String until(URI health, int status) {
    long began = System.nanoTime();
    var last = "nothing";
    try (var http = HttpClient.newHttpClient()) {
      while (System.nanoTime() - began < PATIENCE.toNanos()) {
        var answer = http.send(HttpRequest.newBuilder(health).build(), BodyHandlers.ofString());
        if (answer.statusCode() == status) {
          return answer.body();
        }
        last = answer.body();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new AssertionError("no " + status + " from " + health + ", but " + last);
  }
}
