/** Tests of the whole user-worker, and what they share. */
@NullMarked
package dev.sallyport.user;

import org.jspecify.annotations.NullMarked;
