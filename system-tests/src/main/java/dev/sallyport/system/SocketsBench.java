package dev.sallyport.system;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;

/** What a WebSocket that says nothing costs each worker, by the growth of its resident memory. */
final class SocketsBench {
  private static final int WARM_UP = 500;
  private static final String TARGET = "/api/internal/echo/socket";

  private final int count;
  private final PrintStream out;

  SocketsBench(int count, PrintStream out) {
    this.count = count;
    this.out = out;
  }

  void run() {
    double loadBefore = Machine.load();
    try (var deployment = Deployment.start(Deployment.Settings.asUp("bench-sockets"))) {
      var authorization = "Authorization: " + deployment.accounts().newSession().bearer();
      var user = deployment.userWorker();
      var data = deployment.dataWorker();
      // Code and pools of a worker that has served sockets before are not counted.
      IdleSockets.open(user.port(), TARGET, WARM_UP, authorization).close();
      long userBefore = user.residentBytes();
      long dataBefore = data.residentBytes();
      long began = System.nanoTime();
      try (var sockets = IdleSockets.open(user.port(), TARGET, count, authorization)) {
        long perSecond = Math.round(count * 1e9 / (System.nanoTime() - began));
        long userEach = (user.residentBytes() - userBefore) / count;
        long dataEach = (data.residentBytes() - dataBefore) / count;
        var figure = new LinkedHashMap<String, Object>();
        figure.put("bench", "sockets");
        figure.put("what", "idle WebSockets through the tunnel");
        figure.put("load", count + " sockets");
        figure.put("unit", "bytes of resident memory per socket");
        figure.put("userWorker", userEach);
        figure.put("dataWorker", dataEach);
        figure.put("alive", sockets.alive());
        figure.put("openedPerSecond", perSecond);
        figure.put("flags", Deployment.Settings.AS_UP);
        figure.put("loadBefore", loadBefore);
        figure.put("versions", Machine.versions());
        out.println(Json.write(figure));
        out.println();
        out.println("| sockets | user-worker bytes each | data-worker bytes each | opened/s |");
        out.println("| --- | --- | --- | --- |");
        out.println(
            String.format(
                Locale.ROOT, "| %,d | %,d | %,d | %,d |", count, userEach, dataEach, perSecond));
      }
    }
  }
}
