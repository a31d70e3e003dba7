/** Tests of the inside of the wall. */
@NullMarked
package dev.sallyport.data.binding;

import org.jspecify.annotations.NullMarked;
