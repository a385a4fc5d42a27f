//! What do many notices say together? Contracting processes, copies, co-occurrence, the funnel.
