package dev.sallyport.model.rpc;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names a parameter, for those who pass parameters by name. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface RpcParam {
  /** A lower case letter, then letters and digits. */
  String value();

  /** Whether a call without it is refused; else the method is given null, so it is no primitive. */
  boolean required() default true;
}
