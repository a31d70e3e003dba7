/** Products built on the primitives, one package each; none knows another. */
@NullMarked
package dev.sallyport.data.service;

import org.jspecify.annotations.NullMarked;
