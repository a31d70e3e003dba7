package dev.sallyport.data.app;

import dev.sallyport.data.queue.QueueConsumer;
import dev.sallyport.data.workflow.Workflow;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Set;
import org.graalvm.nativeimage.hosted.Feature;
import org.graalvm.nativeimage.hosted.RuntimeReflection;

/**
 * Lets JSON be read into the classes of workflows and queues in a native binary, so that nobody who
 * writes one has to register them: what a workflow or a consumer declares, and every record and
 * enum of the application that its code can reach, since steps give those back. Runs while a binary
 * is built, named by {@code quarkus.native.additional-build-args}.
 */
public final class NativeClasses implements Feature {
  private static final String OURS = "dev.sallyport.data.";

  /** What says by its type arguments what is read from JSON. */
  private static final Set<Class<?>> DECLARING = Set.of(Workflow.class, QueueConsumer.class);

  @Override
  public String getDescription() {
    return "Classes that workflows and queues keep as JSON";
  }

  @Override
  public void beforeAnalysis(BeforeAnalysisAccess access) {
    access.registerSubtypeReachabilityHandler((during, type) -> register(type), Record.class);
    access.registerSubtypeReachabilityHandler((during, type) -> register(type), Enum.class);
    for (var declaring : DECLARING) {
      access.registerSubtypeReachabilityHandler(
          (during, type) -> registerDeclared(type), declaring);
    }
  }

  private static void registerDeclared(Class<?> bean) {
    for (Type declared : bean.getGenericInterfaces()) {
      if (declared instanceof ParameterizedType of && DECLARING.contains(of.getRawType())) {
        for (var argument : of.getActualTypeArguments()) {
          if (argument instanceof Class<?> type) {
            register(type);
          }
        }
      }
    }
  }

  private static void register(Class<?> type) {
    if (!type.getName().startsWith(OURS)) {
      return;
    }
    RuntimeReflection.register(type);
    // To be found, and to be called: one does not include the other.
    RuntimeReflection.registerAllDeclaredConstructors(type);
    RuntimeReflection.registerAllDeclaredMethods(type);
    RuntimeReflection.registerAllDeclaredFields(type);
    RuntimeReflection.register(type.getDeclaredConstructors());
    RuntimeReflection.register(type.getDeclaredMethods());
    RuntimeReflection.register(type.getDeclaredFields());
    if (type.isRecord()) {
      RuntimeReflection.registerAllRecordComponents(type);
    }
  }
}
