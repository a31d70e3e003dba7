package dev.sallyport.k8s.policy;

/** Seen from the selected pod. */
enum Direction {
  INGRESS,
  EGRESS
}
