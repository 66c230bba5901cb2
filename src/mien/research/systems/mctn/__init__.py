"""MCTN: the source is translated into the other modalities; what lies between is the joint representation."""
