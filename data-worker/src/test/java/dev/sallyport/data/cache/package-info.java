@NullMarked
package dev.sallyport.data.cache;

import org.jspecify.annotations.NullMarked;
