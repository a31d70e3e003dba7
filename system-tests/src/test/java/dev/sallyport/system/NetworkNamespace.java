package dev.sallyport.system;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Linux's {@code setns}: a network namespace belongs to a thread, not to a process. */
final class NetworkNamespace {

  private static final int CLONE_NEWNET = 0x4000_0000;
  private static final int READ_AND_CLOSE_ON_EXEC = 0x8_0000;

  private static final MethodHandle OPEN =
      function(
          "open",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

  private static final MethodHandle SETNS =
      function(
          "setns",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private NetworkNamespace() {}

  /**
   * Puts the calling thread, a platform thread, into the namespace behind this file for good, and
   * with it every socket, process and thread that it makes from now on.
   */
  static void enter(Path namespace) throws IOException {
    try (var arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(namespace.toString());
      int file = (int) OPEN.invokeExact(path, READ_AND_CLOSE_ON_EXEC);
      int result = (int) SETNS.invokeExact(file, CLONE_NEWNET);
      if (file < 0 || result != 0) {
        throw new IOException("cannot enter " + namespace);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException("cannot enter " + namespace, e);
    }
  }

  @SuppressWarnings("restricted") // two functions of the C library, with their documented types
  private static MethodHandle function(String name, FunctionDescriptor type) {
    var linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }
}
