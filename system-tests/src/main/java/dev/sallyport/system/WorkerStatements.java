package dev.sallyport.system;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;

/**
 * The statements of the data-worker, read from its classes: what is explained in a benchmark is
 * what runs, and not a copy of it.
 */
final class WorkerStatements implements AutoCloseable {
  private static final String WORKFLOW = "dev.sallyport.data.workflow.";

  private final URLClassLoader classes;

  WorkerStatements() throws IOException {
    var target = Path.of(System.getProperty("sallyport.home", "."), "data-worker", "target");
    var urls = new ArrayList<URL>();
    urls.add(url(target.resolve("classes")));
    for (var path : Files.readString(target.resolve("class-path")).strip().split(":", -1)) {
      urls.add(url(Path.of(path)));
    }
    classes = new URLClassLoader(urls.toArray(URL[]::new), null);
  }

  private static URL url(Path path) throws MalformedURLException {
    return path.toUri().toURL();
  }

  /** A constant of a class of the workflow package. */
  String text(String type, String constant) {
    try {
      Field field = classes.loadClass(WORKFLOW + type).getDeclaredField(constant);
      field.setAccessible(true);
      return (String) field.get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + "." + constant + " is not there any more", e);
    }
  }

  @Override
  public void close() throws IOException {
    classes.close();
  }
}
