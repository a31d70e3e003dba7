/**
 * Durable workflows: plain blocking code whose steps are recorded, so that it goes on where it was
 * after a crash, on whichever worker is alive.
 *
 * <p>For those who write one: {@link dev.sallyport.data.workflow.Workflow}, {@link
 * dev.sallyport.data.workflow.Run}, {@link dev.sallyport.data.workflow.Retry}, {@link
 * dev.sallyport.data.workflow.Workflows}.
 *
 * <p>For those who read the engine, in this order: {@link dev.sallyport.data.workflow.Execution}
 * runs the code of one run and {@link dev.sallyport.data.workflow.BranchRun} answers its calls from
 * the {@link dev.sallyport.data.workflow.Journal} or records them through the {@link
 * dev.sallyport.data.workflow.Ledger}; {@link dev.sallyport.data.workflow.Engine} decides which
 * runs are executed here, {@link dev.sallyport.data.workflow.Dispatcher} claims them.
 *
 * <p>Each run has a virtual thread of its own while it executes, and none while it waits. A commit
 * that failed, or whose fate is unknown, drops the run from memory; it is loaded again under a
 * higher fence.
 */
@NullMarked
package dev.sallyport.data.workflow;

import org.jspecify.annotations.NullMarked;
