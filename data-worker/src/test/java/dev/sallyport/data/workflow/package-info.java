/** Tests of durable workflows. */
@NullMarked
package dev.sallyport.data.workflow;

import org.jspecify.annotations.NullMarked;
