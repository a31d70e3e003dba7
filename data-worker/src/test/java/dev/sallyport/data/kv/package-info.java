@NullMarked
package dev.sallyport.data.kv;

import org.jspecify.annotations.NullMarked;
