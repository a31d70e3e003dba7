package dev.sallyport.data.cron;

import jakarta.enterprise.util.Nonbinding;
import jakarta.inject.Qualifier;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Put on a {@link ScheduledJob}: when it runs. Either {@link #value} or {@link #every} is given; a
 * wrong one keeps the worker from starting, with a sentence about it.
 *
 * <p>It is a qualifier so that CDI keeps its values with the bean: reading an annotation from a
 * class would need that class to be registered in a native binary.
 */
@Qualifier
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Cron {
  /** A cron expression of five fields, or of six with the seconds first. */
  @Nonbinding
  String value() default "";

  /** An interval as ISO-8601 has it, such as {@code PT15M}. */
  @Nonbinding
  String every() default "";

  /** Whose local times the expression means: a name of the IANA time zone database. */
  @Nonbinding
  String zone() default "UTC";

  /** What happens when it is due while it still runs. */
  @Nonbinding
  Overlap overlap() default Overlap.SKIP;

  /** What happens to times that no worker was there for. */
  @Nonbinding
  Missed missed() default Missed.ONCE;

  /** It starts up to so much later than it is due, ISO-8601. */
  @Nonbinding
  String jitter() default "PT0S";
}
