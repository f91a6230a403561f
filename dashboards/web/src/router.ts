// Where one is, and how to change it.

import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { address, placeOf, type Place } from './place';

/** usePlaceOfWindow follows the address of the window. */
export function usePlaceOfWindow(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const follow = () => setPlace(placeOf(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return place;
}

export const PlaceContext = createContext<Place>({ page: 'overview', params: new URLSearchParams() });

/** usePlace returns where one is, and a way to change parameters of it. */
export function usePlace(): Place & { change: (changes: Record<string, string>) => void } {
  const place = useContext(PlaceContext);
  const change = (changes: Record<string, string>) => {
    location.hash = address(place.page, place.params, changes);
  };
  return { ...place, change };
}
