@NullMarked
package dev.sallyport.data.room;

import org.jspecify.annotations.NullMarked;
