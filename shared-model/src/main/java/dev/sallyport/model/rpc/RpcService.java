package dev.sallyport.model.rpc;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names a service: what stands before the dot in the names of its methods. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface RpcService {
  /** A lower case letter, then letters and digits; {@code rpc} is taken. */
  String value();
}
