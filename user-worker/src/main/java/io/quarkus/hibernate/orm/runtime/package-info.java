/**
 * One class that has to live in a package of Quarkus; docs/adr/0012 says why. Everything else of
 * ours is in {@code dev.sallyport.user}.
 */
@NullMarked
package io.quarkus.hibernate.orm.runtime;

import org.jspecify.annotations.NullMarked;
