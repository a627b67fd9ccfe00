"""The bridge: it polls gateways on a beat and turns their answers into frames and events."""
