package dev.sallyport.data.workflow;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test of workflows that must give the same whenever the worker dies. The method has one
 * parameter, a {@link WorkflowHarness} without workflows, to which it adds its own with {@link
 * WorkflowHarness#with}. It runs once without a crash; then, for each write to the journal, once
 * with a crash before that write and once with a crash after it, whose answer is lost; then a few
 * times with two crashes at random. After each the runs that it started must be as they were
 * without a crash: status, output, error, and the journal's steps with their results.
 *
 * <p>Each time has a fresh instance of the test class. Steps are done at least once, so what their
 * bodies count may be more than without a crash; steps that read a clock or a random number are to
 * be mocked.
 *
 * <pre>{@code
 * @CrashEverywhere
 * void aReportIsSentWhateverCrashes(WorkflowHarness harness) {
 *   var run = harness.with(new OrderReport(shop)).start(new OrderReport.Params("2026-11"));
 *   harness.advance(Duration.ofHours(1));
 *   assertThat(run.status()).isEqualTo("complete");
 * }
 * }</pre>
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(CrashExtension.class)
public @interface CrashEverywhere {
  /** How often two crashes at random places are tried; {@code -Dcrash.seed} repeats a seed. */
  int pairs() default 5;
}
