/** Tests of schedules. */
@NullMarked
package dev.sallyport.data.cron;

import org.jspecify.annotations.NullMarked;
