package dev.sallyport.data.app;

import dev.sallyport.data.queue.QueueConsumer;
import dev.sallyport.data.workflow.Workflow;
import dev.sallyport.model.rpc.RpcApi;
import dev.sallyport.model.rpc.RpcClient;
import dev.sallyport.model.rpc.RpcContract;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.graalvm.nativeimage.hosted.Feature;
import org.graalvm.nativeimage.hosted.RuntimeProxyCreation;
import org.graalvm.nativeimage.hosted.RuntimeReflection;

/**
 * Lets JSON be read into the classes of workflows, queues and remote calls in a native binary, so
 * that nobody who writes one has to register them: what a workflow or a consumer declares, every
 * record and enum of the application that its code can reach, since steps give those back, and the
 * methods of services that are called by name, with what they take and give. Runs while a binary is
 * built, named by {@code quarkus.native.additional-build-args}.
 */
public final class NativeClasses implements Feature {
  private static final String OURS = "dev.sallyport.data.";

  /** What says by its type arguments what is read from JSON. */
  private static final Set<Class<?>> DECLARING = Set.of(Workflow.class, QueueConsumer.class);

  /** Classes that calls bring, by now: one may lead to itself. */
  private final Set<Class<?>> carried = ConcurrentHashMap.newKeySet();

  @Override
  public String getDescription() {
    return "Classes that workflows, queues and remote calls have as JSON";
  }

  @Override
  public void beforeAnalysis(BeforeAnalysisAccess access) {
    access.registerSubtypeReachabilityHandler((during, type) -> register(type), Record.class);
    access.registerSubtypeReachabilityHandler((during, type) -> register(type), Enum.class);
    for (var declaring : DECLARING) {
      access.registerSubtypeReachabilityHandler(
          (during, type) -> registerDeclared(type), declaring);
    }
    access.registerSubtypeReachabilityHandler(
        (during, type) -> registerService(type), RpcApi.class);
    access.registerReachabilityHandler(
        during ->
            Arrays.stream(RpcClient.class.getDeclaredClasses()).forEach(this::registerCarried),
        RpcClient.class);
  }

  /** An interface of a service, or a bean that implements some. */
  private void registerService(Class<?> type) {
    if (!type.isInterface()) {
      RpcContract.implementedBy(type).forEach(this::registerService);
    } else if (type != RpcApi.class) {
      RuntimeReflection.register(type);
      RuntimeReflection.registerAllMethods(type);
      RuntimeReflection.register(type.getMethods());
      RuntimeProxyCreation.register(type);
      for (var method : type.getMethods()) {
        registerCarried(method.getGenericReturnType());
        Arrays.stream(method.getGenericParameterTypes()).forEach(this::registerCarried);
      }
    }
  }

  /** What a call takes or gives, and what that is made of. */
  private void registerCarried(Type type) {
    switch (type) {
      case ParameterizedType generic -> {
        registerCarried(generic.getRawType());
        Arrays.stream(generic.getActualTypeArguments()).forEach(this::registerCarried);
      }
      case GenericArrayType array -> registerCarried(array.getGenericComponentType());
      case Class<?> array when array.isArray() -> registerCarried(array.getComponentType());
      case Class<?> one when (one.isRecord() || one.isEnum()) && carried.add(one) -> {
        registerAll(one);
        if (one.isRecord()) {
          for (var component : one.getRecordComponents()) {
            registerCarried(component.getGenericType());
          }
        }
      }
      default -> {}
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
    if (type.getName().startsWith(OURS)) {
      registerAll(type);
    }
  }

  private static void registerAll(Class<?> type) {
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
